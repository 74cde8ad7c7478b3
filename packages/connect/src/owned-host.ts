import type { Host } from './port.ts';

/** The same place, with the disposing of it handed to whoever owns what leads there. */
export function ownedHost(host: Host, owned: AsyncDisposable): Host {
  return {
    description: host.description,
    ...(host.ways === undefined ? {} : { ways: host.ways }),
    exec: async (command, options) => await host.exec(command, options),
    dial: async (address, options) => await host.dial(address, options),
    explain: (command) => host.explain(command),
    [Symbol.asyncDispose]: async () => await owned[Symbol.asyncDispose](),
  };
}
