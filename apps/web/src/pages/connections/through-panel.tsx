import { useTranslation } from 'react-i18next';
import { ChainField } from '../../parts/chain/chain-field.tsx';
import { Panel } from '../../parts/panel.tsx';

export interface ThroughPanelProps {
  readonly value: readonly string[];
  readonly onChange: (chain: string[]) => void;
  /** The connection that is tried. */
  readonly connectionId?: string;
}

/** How to get to the place before a connection, to try it. */
export function ThroughPanel({ value, onChange, connectionId }: ThroughPanelProps) {
  const { t } = useTranslation();
  return (
    <Panel title={t('connections.through')} description={t('connections.throughHint')}>
      <ChainField value={value} onChange={onChange} without={connectionId} />
    </Panel>
  );
}
