import type { RunDetails } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../parts/panel.tsx';
import classes from './reports.module.css';

/** The configuration that a run ran with, whatever it is by now. */
export function RunConfig({ run }: { readonly run: RunDetails }) {
  const { t } = useTranslation();
  return (
    <Panel title={t('run.config', { version: run.configVersion ?? '–' })} description={t('run.configText')} flush>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a part that scrolls must be within reach of the keyboard */}
      <pre className={classes['config']} tabIndex={0}>
        {JSON.stringify(run.config, null, 2)}
      </pre>
    </Panel>
  );
}
