import type { Source } from '@holdfast/contract';
import { useTranslation } from 'react-i18next';

/** What a source reads, one line each: paths, or the server and its databases. */
export function useSourceWords(): (source: Source) => string[] {
  const { t } = useTranslation();
  return (source) => {
    const driver = t(`source.driver.${source.driver}`);
    switch (source.driver) {
      case 'files':
        return source.paths;
      case 'sqlite':
        return source.paths.map((path) => `${driver}: ${path}`);
      case 'docker-volume':
        return source.volumes.map((volume) => `${driver}: ${volume}`);
      case 'redis':
        return [driver];
      case 'command':
        return [`${driver}: ${source.argv.join(' ')}`];
      default:
        return source.databases === 'all'
          ? [t('source.allOf', { driver })]
          : source.databases.map((database) => t('source.oneOf', { driver, database }));
    }
  };
}
