/** Where time comes from; tests hold it still. */
export interface Clock {
  now(): Date
}
