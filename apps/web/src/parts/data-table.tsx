import type { ReactNode } from 'react';
import classes from './data-table.module.css';

export interface Column<Row> {
  readonly key: string;
  readonly header: ReactNode;
  readonly cell: (row: Row) => ReactNode;
  /** Leaves it out where there is little room: `phone` below 640, `tablet` below 980 pixels. */
  readonly hide?: 'phone' | 'tablet';
  readonly align?: 'end';
  readonly width?: string;
  /** Its cells keep on one line. */
  readonly line?: boolean;
  /** The header is for people who cannot see the column's purpose. */
  readonly quiet?: boolean;
}

export interface DataTableProps<Row> {
  /** What it lists, for people who cannot see it. */
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
}

/** Rows and columns. The first column holds what a row is about. */
export function DataTable<Row>({ label, columns, rows, rowKey }: DataTableProps<Row>) {
  return (
    <table className={classes['table']} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column.key} scope="col" data-hide={column.hide} data-align={column.align} style={{ width: column.width }}>
              {column.quiet ? <span className={classes['unseen']}>{column.header}</span> : column.header}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((column) => (
              <td key={column.key} data-hide={column.hide} data-align={column.align} data-line={column.line || undefined}>
                {column.cell(row)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
