import classes from './schedule.module.css';

export interface SetPickerProps {
  readonly label: string;
  /** Beside the label, such as that nothing chosen means every. */
  readonly note?: string;
  readonly lowest: number;
  readonly highest: number;
  readonly value: readonly number[];
  readonly name?: (number: number) => string;
  readonly onChange: (numbers: number[]) => void;
}

/** Numbers to switch on and off. */
export function SetPicker({ label, note, lowest, highest, value, name = String, onChange }: SetPickerProps) {
  const numbers = Array.from({ length: highest - lowest + 1 }, (_, index) => lowest + index);
  return (
    <fieldset className={classes['set']}>
      <legend className={classes['legend']}>
        {label}
        {note === undefined ? null : <span className={classes['note']}> {note}</span>}
      </legend>
      <div className={classes['chips']} data-wide={name !== String || undefined}>
        {numbers.map((number) => (
          <button
            key={number}
            type="button"
            className={classes['chip']}
            aria-pressed={value.includes(number)}
            onClick={() => onChange(numbers.filter((one) => (one === number ? !value.includes(one) : value.includes(one))))}
          >
            {name(number)}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
