import { openCatalog } from '../../src/catalog/index.ts'
import { type Environment, readConfiguration, tellSecrets } from '../../src/config/index.ts'
import { type Clock, Redactor, type Tell } from '../../src/model/index.ts'
import type { Appliance, Mirror } from '../../src/operations/index.ts'
import { modesOf, systemClock } from '../../src/platform/index.ts'
import { openVolume } from '../../src/stores/index.ts'

export interface HereOptions {
  readonly root: string
  /** Of `backup.conf`. */
  readonly lines: readonly string[]
  readonly environment?: Environment
  readonly clock?: Clock
  readonly mirrors?: readonly Mirror[]
  readonly tell?: Tell
}

/** The appliance in this process, as main puts it together, for what has no command of its own. */
export async function applianceHere(options: HereOptions): Promise<Appliance> {
  const { root, lines, environment = {}, clock = systemClock, mirrors = [] } = options
  const redactor = Redactor.of(environment)
  const read = await readConfiguration({
    environment: { ...environment, BACKUP_DIR: root },
    readFile: async (path) => (path === 'backup.conf' ? lines.join('\n') : null),
    engines: ['postgres'],
  })
  const configuration = tellSecrets(read, redactor)
  const modes = modesOf(configuration.settings.backupUmask)
  const redacted = (text: string): string => redactor.inOwnText(text)
  return {
    configuration,
    environment,
    volume: openVolume(root, { modes }),
    catalog: openCatalog(root, { modes, clock, redacted }),
    mirrors,
    from: null,
    fetch: null,
    modes,
    clock,
    signal: new AbortController().signal,
    tell: options.tell ?? (() => undefined),
    redacted,
    what: 'a test',
    job: null,
  }
}
