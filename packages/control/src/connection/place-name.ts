import type { ChainLink, DockerOptions } from '@holdfast/contract';

/**
 * What the end of a chain that begins at `here` is called in snapshots, as their host: `db1`, `db1:2222/shop-db`. Two places never have one
 * name, so that the files of one are not taken for those of another that have the same paths.
 */
export function placeName(here: string, links: readonly Pick<ChainLink, 'options'>[]): string {
  return links.reduce((place, { options }) => {
    if (options.kind === 'docker') return `${place}/${containerName(options.container)}`;
    return options.port === 22 ? options.host : `${options.host}:${options.port}`;
  }, here);
}

function containerName(choice: DockerOptions['container']): string {
  switch (choice.by) {
    case 'name':
      return choice.name;
    case 'id':
      return choice.id.slice(0, 12);
    case 'service':
      return choice.project === null ? choice.service : `${choice.project}-${choice.service}`;
    case 'label':
      return choice.value === null ? choice.label : `${choice.label}=${choice.value}`;
  }
}
