/**
 * Health: the service's pages for probes and monitoring, read-only. Names of metrics are a promise
 * (docs/metrics.md).
 */
export type { HealthServer } from './server.ts'
export { startHealthServer } from './server.ts'
