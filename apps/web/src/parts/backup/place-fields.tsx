import { SegmentedControl, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ChainField } from '../chain/chain-field.tsx';
import { ChainTest } from '../chain/chain-test.tsx';
import classes from './backup.module.css';

export interface PlaceFieldsProps {
  readonly label: string;
  readonly value: readonly string[];
  readonly onChange: (chain: string[]) => void;
  readonly errorOf: (index?: number) => string | undefined;
}

/** On the Holdfast machine, or at the end of a chain of connections, which can be tried. */
export function PlaceFields({ label, value, onChange, errorOf }: PlaceFieldsProps) {
  const { t } = useTranslation();
  const [wantsChain, setWantsChain] = useState(value.length > 0);
  return (
    <div>
      <div className={classes['label']}>{label}</div>
      <Stack gap="sm">
        <SegmentedControl
          aria-label={label}
          value={wantsChain ? 'chain' : 'here'}
          onChange={(place) => {
            setWantsChain(place === 'chain');
            if (place === 'here') onChange([]);
          }}
          data={(['here', 'chain'] as const).map((place) => ({ value: place, label: t(`source.places.${place}`) }))}
          classNames={{ root: classes['choice'] ?? '' }}
        />
        {wantsChain ? (
          <>
            <ChainField value={value} onChange={onChange} errorOf={errorOf} isRequired />
            <ChainTest chain={value} />
          </>
        ) : null}
      </Stack>
    </div>
  );
}
