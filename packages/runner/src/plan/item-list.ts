import { type ItemProblem, mostItems } from '@holdfast/contract';

/** Items that failed: all are counted, the first ones kept. */
export class ItemList {
  readonly items: ItemProblem[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  add(problem: ItemProblem): void {
    this.#count += 1;
    if (this.items.length < mostItems) this.items.push(problem);
  }
}
