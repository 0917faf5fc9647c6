/*
 * The floors of the house. An import goes down, never up, and never across to another room of the
 * same floor; rooms meet in operations/.
 *
 *   6  main
 *   5  cli │ tui │ service │ health
 *   4  operations
 *   3  config │ engines │ stores │ catalog │ retention │ verification │ notify │ schedule
 *   2  platform
 *   1  model
 */
const floors = [
  ['model'],
  ['platform'],
  ['config', 'engines', 'stores', 'catalog', 'retention', 'verification', 'notify', 'schedule'],
  ['operations'],
  ['cli', 'tui', 'service', 'health'],
]

/** model, retention and verification decide; they never touch the machine. */
const pureRooms = ['model', 'retention', 'verification']

const anyOf = (rooms) => `^src/(${rooms.join('|')})/`
const upTo = (level) => floors.slice(0, level).flat()

const onlyDownwards = floors.map((rooms, level) => ({
  name: `floor-${level + 1}-looks-down`,
  comment: `${rooms.join(', ')} may import ${upTo(level).join(', ') || 'nothing'} and itself.`,
  severity: 'error',
  from: { path: anyOf(rooms) },
  to: { path: '^src/', pathNot: anyOf([...upTo(level), ...rooms]) },
}))

const noNeighbours = floors.flat().map((room) => ({
  name: `${room}-knows-no-neighbour`,
  comment: 'Two rooms of one floor meet in an operation (or, faces, not at all).',
  severity: 'error',
  from: { path: anyOf([room]) },
  to: {
    path: anyOf(floors.find((rooms) => rooms.includes(room))),
    pathNot: anyOf([room]),
  },
}))

const throughTheDoor = floors.flat().map((room) => ({
  name: `${room}-has-one-door`,
  comment: `Enter ${room}/ by its index.ts; if something is missing there, the door needs a line.`,
  severity: 'error',
  from: { path: '^src/', pathNot: anyOf([room]) },
  to: { path: anyOf([room]), pathNot: `^src/${room}/index\\.ts$` },
}))

const pure = pureRooms.map((room) => ({
  name: `${room}-is-pure`,
  comment: 'No files, clocks, sockets or libraries here; take what you need as an argument.',
  severity: 'error',
  from: { path: anyOf([room]) },
  to: { dependencyTypes: ['core', 'npm'] },
}))

export default {
  forbidden: [
    ...onlyDownwards,
    ...noNeighbours,
    ...throughTheDoor,
    ...pure,
    {
      name: 'no-circles',
      comment: 'A circle has no top, so nobody can read it top down.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-main',
      comment: 'main.ts is the door; it wires, and nothing depends on it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/main\\.ts$' },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'src/ never reaches into test/ or scripts/.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-development-library-in-the-product',
      comment: 'The image installs production dependencies only.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js'] },
  },
}
