/**
 * Environment that makes a program and its children believe that it is `at` now; time goes on from
 * there. As an offset, so that all of them agree without sharing memory, and without the `faketime`
 * program in between, which would keep signals from reaching ours. Timers are left alone. The
 * loader itself fills in $LIB.
 */
export function fakeTime(at: Date): Record<string, string> {
  const seconds = (at.getTime() - Date.now()) / 1_000
  return {
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
    FAKETIME: `${seconds < 0 ? '' : '+'}${seconds.toFixed(3)}s`,
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
  }
}
