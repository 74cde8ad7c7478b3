import type { ConnectionOptions, ContainerChoice } from '@holdfast/contract';

/** Where a connection leads to, in short: `deploy@db1:2222`, `db of shop`. */
export function connectionAddress(options: ConnectionOptions): string {
  if (options.kind === 'docker') return containerWords(options.container);
  return `${options.user}@${options.host}${options.port === 22 ? '' : `:${options.port}`}`;
}

function containerWords(choice: ContainerChoice): string {
  switch (choice.by) {
    case 'name':
      return choice.name;
    case 'id':
      return choice.id.slice(0, 12);
    case 'service':
      return choice.project === null ? choice.service : `${choice.project}/${choice.service}`;
    case 'label':
      return choice.value === null ? choice.label : `${choice.label}=${choice.value}`;
  }
}
