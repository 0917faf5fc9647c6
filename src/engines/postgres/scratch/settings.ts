import { totalmem } from 'node:os'

const MiB = 1024 * 1024

/** What the machine can give to a load, in bytes. */
export interface Room {
  readonly memory: number
  readonly freeDisk: number
}

/** The memory of the machine, or of the container where that is less. */
export function memoryHere(): number {
  const limit = process.constrainedMemory()
  return limit > 0 && limit < totalmem() ? limit : totalmem()
}

/**
 * The settings of a server whose data nobody will miss: it flushes nothing, writes as little WAL as
 * it can, does no work in the background and hears no network (design section 4). Its share of
 * memory is fixed, so it does not grow with the database; WAL never takes more than an eighth of
 * the free space, because verification volumes are small.
 */
export function loadSettings(socketFolder: string, { memory, freeDisk }: Room): string {
  const settings: Readonly<Record<string, string>> = {
    listen_addresses: '',
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    port: '5432',
    max_connections: '40',
    superuser_reserved_connections: '0',
    fsync: 'off',
    full_page_writes: 'off',
    synchronous_commit: 'off',
    wal_level: 'minimal',
    wal_init_zero: 'off',
    max_wal_senders: '0',
    archive_mode: 'off',
    autovacuum: 'off',
    max_wal_size: megabytes(between(freeDisk / 8, 128 * MiB, 4096 * MiB)),
    checkpoint_timeout: '1h',
    checkpoint_completion_target: '0.9',
    shared_buffers: megabytes(between(memory / 8, 32 * MiB, 512 * MiB)),
    maintenance_work_mem: megabytes(between(memory / 12, 64 * MiB, 512 * MiB)),
    work_mem: megabytes(between(memory / 64, 8 * MiB, 64 * MiB)),
    max_parallel_maintenance_workers: '2',
    max_parallel_workers_per_gather: '2',
    max_locks_per_transaction: '256',
    // /dev/shm of a container is small, and what a killed server leaves there, nobody removes.
    dynamic_shared_memory_type: 'mmap',
    jit: 'off',
    logging_collector: 'off',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    // Rows of somebody's database do not belong in a log.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
  }
  return Object.entries(settings)
    .map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`)
    .join('')
}

function between(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / MiB)}MB`
}
