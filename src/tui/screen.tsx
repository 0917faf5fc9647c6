import { Box } from 'ink'
import type { ReactNode } from 'react'
import { ConsentView, NoticeLine } from './dialog-view.tsx'
import { DatabaseView, LogView, SettingsView } from './list-views.tsx'
import { isList, type ListPlace } from './lists.ts'
import { goesOn } from './operation.ts'
import { OperationView } from './operation-view.tsx'
import { OverviewView } from './overview-view.tsx'
import { RestoreView } from './restore-view.tsx'
import { type Place, placeOf, type State } from './state.ts'
import { lastTop, rowsOf } from './texts.ts'
import { Lines, Tinted, WithColor } from './tinted.tsx'

/** The whole terminal, from the state alone. */
export function Screen({ state }: { readonly state: State }): ReactNode {
  const { columns, rows } = state.size
  const { dialog } = state
  return (
    <WithColor value={state.color}>
      <Box flexDirection="column" width={columns} height={rows} overflow="hidden">
        <Title state={state} />
        <Box flexGrow={1} flexShrink={1} flexBasis={0} overflow="hidden">
          {dialog?.kind === 'consent' ? (
            <ConsentView state={state} task={dialog.task} typed={dialog.typed} />
          ) : (
            <PlaceView state={state} place={placeOf(state)} />
          )}
        </Box>
        <NoticeLine state={state} />
        <Box height={1} flexShrink={0}>
          <Tinted text={dialog === null ? keysText(state) : ''} tone="dim" />
        </Box>
      </Box>
    </WithColor>
  )
}

const tabs = [
  ['1 Overview', ['overview', 'database', 'backup', 'prune', 'restore']],
  ['2 Schedule', ['schedule']],
  ['3 Log', ['log', 'run']],
  ['4 Settings', ['settings']],
  ['5 Operation', ['operation']],
] as const

function Title({ state }: { readonly state: State }): ReactNode {
  const { kind } = placeOf(state)
  return (
    <Box height={1} flexShrink={0}>
      <Box marginRight={1} flexShrink={0}>
        <Tinted text="backup-container" tone="strong" />
      </Box>
      {tabs.map(([label, kinds]) => {
        const isHere = kinds.some((each) => each === kind)
        return (
          <Box key={label} flexShrink={0}>
            <Tinted text={isHere ? `[${label}]` : ` ${label} `} tone={isHere ? 'strong' : 'dim'} />
          </Box>
        )
      })}
    </Box>
  )
}

function PlaceView({ state, place }: { readonly state: State; readonly place: Place }): ReactNode {
  if (isList(place)) return <ListPlaceView state={state} place={place} />
  if (place.kind === 'operation') return <OperationView state={state} top={place.top} />
  if (place.kind === 'restore') {
    return <RestoreView state={state} draft={place.draft} field={place.field} />
  }
  // A terminal that has become larger shows what is above rather than nothing below.
  const top = Math.min(place.top, lastTop(state, place))
  return <Lines lines={rowsOf(state, place).slice(top)} wrap="truncate-end" />
}

function ListPlaceView({
  state,
  place,
}: {
  readonly state: State
  readonly place: ListPlace
}): ReactNode {
  switch (place.kind) {
    case 'overview':
      return <OverviewView state={state} place={place} />
    case 'database':
      return <DatabaseView state={state} place={place} />
    case 'log':
      return <LogView state={state} place={place} />
    case 'settings':
      return <SettingsView state={state} place={place} />
  }
}

const keys: Readonly<Record<Place['kind'], string>> = {
  overview: 'Enter open  b back up  v verify  c check  r restore  p prune  ? help  q leave',
  database: 'Enter details  r restore  v verify  i pin  f other store  b back up  Esc back',
  backup: 'r restore  v verify  i pin  Up Down scroll  Esc back',
  schedule: 'Up Down scroll  ? help  Esc back  q leave',
  log: 'Enter details  / filter  ? help  Esc back  q leave',
  run: 'Up Down scroll  Esc back',
  settings: '/ filter  ? help  Esc back  q leave',
  operation: 'x cancel  Up Down scroll  Esc back, it goes on  q leave',
  prune: 'Enter prune  Up Down scroll  Esc back',
  restore: 'Up Down move  Space switch  Enter check, then go on  Esc back',
  help: 'Up Down scroll  Esc back',
}

const endedKeys = 'b back up  v verify  c check  r restore  m mirror  Esc back  q leave'

function keysText(state: State): string {
  const { kind } = placeOf(state)
  return kind === 'operation' && !goesOn(state) ? endedKeys : keys[kind]
}
