// Meridians and parallels: a map without tiles of somebody else's servers.

/** Degrees between two lines: the first of these that leaves at most this many of them on the screen. */
const steps = [1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30]
const mostLines = 8

/** Keeps a graticule on the map, drawn anew whenever it was moved. */
export function addGraticule(map) {
  const lines = L.layerGroup().addTo(map)
  const draw = () => {
    lines.clearLayers()
    const bounds = map.getBounds()
    const [west, east] = [Math.max(bounds.getWest(), -180), Math.min(bounds.getEast(), 180)]
    const [south, north] = [Math.max(bounds.getSouth(), -85), Math.min(bounds.getNorth(), 85)]
    const step = steps.find((each) => (east - west) / each <= mostLines && (north - south) / each <= mostLines) ?? 30
    const digits = Math.max(0, Math.ceil(-Math.log10(step)))
    for (const longitude of multiples(step, west, east)) {
      add(lines, [
        [south, longitude],
        [north, longitude],
      ])
      label(
        lines,
        [south, longitude],
        `${Math.abs(longitude).toFixed(digits)}°${longitude < 0 ? 'W' : 'E'}`,
        'meridian',
      )
    }
    for (const latitude of multiples(step, south, north)) {
      add(lines, [
        [latitude, west],
        [latitude, east],
      ])
      label(lines, [latitude, west], `${Math.abs(latitude).toFixed(digits)}°${latitude < 0 ? 'S' : 'N'}`, 'parallel')
    }
  }
  map.on('moveend', draw)
  draw()
}

function* multiples(step, from, to) {
  for (let index = Math.ceil(from / step); index * step <= to; index += 1) yield index * step
}

function add(lines, ends) {
  lines.addLayer(L.polyline(ends, { className: 'graticule', interactive: false, weight: 1 }))
}

function label(lines, position, text, kind) {
  const icon = L.divIcon({ className: `graticule-label ${kind}`, html: text, iconSize: null })
  lines.addLayer(L.marker(position, { icon, interactive: false, keyboard: false }))
}
