import { ActionIcon, Button, Input, NativeSelect } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { ArrowDown, ArrowUp, Plus, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { connectionAddress } from '../connection/connection-address.ts';
import { ConnectionDialog } from '../connection/connection-dialog.tsx';
import { useConnections } from '../connection/use-connections.ts';
import classes from './chain.module.css';

export interface ChainFieldProps {
  /** Ids of connections, in the order in which they are gone over. */
  readonly value: readonly string[];
  readonly onChange: (chain: string[]) => void;
  /** By the place in the chain; without one, of the chain as a whole. */
  readonly errorOf?: (index?: number) => string | undefined;
  /** A form cannot be sent without a link in it. */
  readonly isRequired?: boolean;
  /** A connection that cannot be in it. */
  readonly without?: string | undefined;
}

const longest = 8;
const quiet = { variant: 'subtle', color: 'gray', size: 32 } as const;

/** The connections that lead from the Holdfast machine to a place, in their order. */
export function ChainField({ value, onChange, errorOf, isRequired = false, without }: ChainFieldProps) {
  const { t } = useTranslation();
  const { connections, find, connectionName } = useConnections();
  const [making, make] = useDisclosure(false);
  const choices = (connections ?? []).filter(({ id }) => id !== without);
  const whole = value.some((_, index) => errorOf?.(index) !== undefined) ? undefined : errorOf?.();
  const move = (from: number, to: number): void => onChange(value.toSpliced(from, 1).toSpliced(to, 0, value[from] ?? ''));
  return (
    <div>
      <ol className={classes['chain']}>
        <li className={classes['start']}>{t('chain.here')}</li>
        {value.map((id, index) => {
          const connection = find(id);
          const name = connectionName(id);
          const error = errorOf?.(index);
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a connection may be in a chain twice
            <li key={index} className={classes['link']}>
              <div className={classes['card']} data-bad={error === undefined ? undefined : true}>
                <div className={classes['words']}>
                  <span className={classes['name']}>{name}</span>
                  <span className={classes['address']}>
                    {connection === undefined
                      ? null
                      : `${t(`connections.kinds.${connection.options.kind}`)} · ${connectionAddress(connection.options)}`}
                  </span>
                </div>
                {index === 0 ? null : (
                  <ActionIcon {...quiet} aria-label={t('chain.up', { name })} onClick={() => move(index, index - 1)}>
                    <ArrowUp size={15} aria-hidden="true" />
                  </ActionIcon>
                )}
                {index === value.length - 1 ? null : (
                  <ActionIcon {...quiet} aria-label={t('chain.down', { name })} onClick={() => move(index, index + 1)}>
                    <ArrowDown size={15} aria-hidden="true" />
                  </ActionIcon>
                )}
                <ActionIcon {...quiet} aria-label={t('chain.remove', { name })} onClick={() => onChange(value.toSpliced(index, 1))}>
                  <X size={15} aria-hidden="true" />
                </ActionIcon>
              </div>
              {error === undefined ? null : <Input.Error>{error}</Input.Error>}
            </li>
          );
        })}
      </ol>
      {whole === undefined ? null : <Input.Error>{whole}</Input.Error>}
      {value.length >= longest ? (
        <p className={classes['note']}>{t('chain.full')}</p>
      ) : (
        <div className={classes['add']}>
          <NativeSelect
            aria-label={t('chain.add')}
            required={isRequired && value.length === 0}
            value=""
            onChange={(event) => {
              if (event.currentTarget.value !== '') onChange([...value, event.currentTarget.value]);
            }}
            data={[
              { value: '', label: choices.length === 0 ? t('chain.empty') : `${t('chain.add')} …` },
              ...choices.map(({ id, name }) => ({ value: id, label: name })),
            ]}
          />
          <Button variant="subtle" size="compact-sm" leftSection={<Plus size={14} aria-hidden="true" />} onClick={make.open}>
            {t('chain.addNew')}
          </Button>
        </div>
      )}
      <ConnectionDialog
        opened={making}
        through={value}
        onClose={make.close}
        onCreated={({ id }) => {
          make.close();
          onChange([...value, id]);
        }}
      />
    </div>
  );
}
