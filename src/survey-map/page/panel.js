// Beside the map: the project's scans, and what is known of the one that is chosen.

const { createElement: h } = React

/**
 * @param {{ project: object, scans: object[], chosenId: string | null, choose: (id: string) => void, children: object }} props
 *   `children` is what stands below the chosen scan
 */
export function Panel({ project, scans, chosenId, choose, children }) {
  const total = project.scans.totalCount ?? 'more than 10,000'
  return h(
    'aside',
    { className: 'panel', 'aria-label': 'Scans' },
    h('h1', null, project.name),
    project.description && h('p', { className: 'about' }, project.description),
    h(
      'p',
      { className: 'count' },
      scans.length === total ? `${total} scans` : `The first ${scans.length} of ${total} scans`,
    ),
    scans.length === 0 && h('p', null, 'It has no scans yet: add one with the mutation addScan.'),
    h(
      'ol',
      { className: 'scans' },
      ...scans.map((scan) => h(Scan, { key: scan.id, scan, isChosen: scan.id === chosenId, choose, children })),
    ),
  )
}

function Scan({ scan, isChosen, choose, children }) {
  const { id, name, capturedAt, storageTier, footprint, file } = scan
  const facts = [
    capturedAt && spoken(capturedAt),
    file && `${amount(file.pointCount)} points`,
    !footprint && 'no footprint',
  ]
  return h(
    'li',
    { className: isChosen ? 'chosen' : undefined },
    h(
      'button',
      { type: 'button', 'aria-expanded': isChosen, onClick: () => choose(isChosen ? null : id) },
      h('strong', null, name),
      h('span', { className: 'facts' }, facts.filter(Boolean).join(' · ')),
      storageTier === 'COLD' && h('span', { className: 'tier' }, 'in the archive'),
    ),
    isChosen && h('div', { className: 'known' }, h(Facts, { scan }), children),
  )
}

/** All that is kept with a scan, as it is. */
function Facts({ scan: { file, data } }) {
  const ofFile = file && [
    ['File', `${file.name} (${file.format}, ${amount(file.bytes / 1e6)} MB)`],
    ['Coordinates', file.crs.length > 60 ? `${file.crs.slice(0, 60)} ...` : file.crs],
  ]
  const rows = [...(ofFile ?? []), ...Object.entries(data).map(([name, value]) => [name, textOf(value)])]
  return h(
    'dl',
    null,
    ...rows.flatMap(([name, value], index) => [
      h('dt', { key: `t${index}` }, name),
      h('dd', { key: `d${index}` }, value),
    ]),
  )
}

const textOf = (value) => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const amount = (number) => new Intl.NumberFormat('en-GB', { maximumFractionDigits: 1 }).format(number)

function spoken(instant) {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(Date.parse(instant))
}
