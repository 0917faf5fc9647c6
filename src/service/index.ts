/**
 * Service: the container's own way of running, for years. It follows the schedule (or the rhythm
 * of BACKUP_PERIOD), runs each job as a process of its own, notices changes of `backup.conf`, and
 * ends its jobs in order when it is told to end. It backs up nothing itself: a job is a command.
 */
export type { ServerBeside } from './run-service.ts'
export { runService } from './run-service.ts'
