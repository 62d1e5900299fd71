// The map: footprints of scans, and the surface of the one that is chosen.

import { addGraticule } from './graticule.js'

const { createElement: h, useEffect, useRef } = React

/**
 * @param {{ scans: object[], chosenId: string | null, choose: (id: string) => void,
 *   surface: { url: string, bounds: object } | null, opacity: number }} props
 */
export function SurveyMap({ scans, chosenId, choose, surface, opacity }) {
  const place = useRef(null)
  const made = useRef(null)
  useEffect(() => {
    made.current = makeMap(place.current, scans, choose)
    return () => made.current.remove()
  }, [scans, choose])
  useEffect(() => made.current.show(chosenId), [chosenId, scans])
  useEffect(() => made.current.lay(surface), [surface])
  useEffect(() => made.current.fade(opacity), [opacity, surface])
  return h('div', { className: 'map', ref: place, role: 'region', 'aria-label': 'Map of the footprints' })
}

function makeMap(element, scans, choose) {
  const map = L.map(element, {
    attributionControl: false,
    zoomSnap: 0.25,
    minZoom: 1,
    maxZoom: 24,
    worldCopyJump: true,
  })
  L.control.scale({ imperial: false }).addTo(map)
  const layers = new Map(
    scans.filter(({ footprint }) => footprint !== null).map((scan) => [scan.id, footprintOf(scan, choose)]),
  )
  const all = L.featureGroup([...layers.values()])
  goTo(map, all.getLayers().length > 0 ? all.getBounds() : null)
  addGraticule(map)
  all.addTo(map)
  let picture = null
  return {
    /** Marks the footprint of the chosen scan, and goes there. */
    show(chosenId) {
      for (const [id, layer] of layers)
        layer.eachLayer((each) => each.getElement?.()?.classList.toggle('chosen', id === chosenId))
      const layer = layers.get(chosenId)
      if (layer) goTo(map, layer.getBounds())
    },
    lay(surface) {
      picture?.remove()
      picture = surface && L.imageOverlay(surface.url, boxOf(surface.bounds), { className: 'surface' }).addTo(map)
    },
    fade(opacity) {
      picture?.setOpacity(opacity)
    },
    remove: () => map.remove(),
  }
}

/** Points are drawn as circles: Leaflet's pictures of pins would be files to load. */
function footprintOf(scan, choose) {
  const pointToLayer = (_feature, position) => L.circleMarker(position, { radius: 6 })
  const layer = L.geoJSON(scan.footprint, {
    style: { className: `footprint ${scan.storageTier.toLowerCase()}` },
    pointToLayer,
  })
  layer.bindTooltip(escaped(scan.name), { sticky: true })
  layer.on('click', () => choose(scan.id))
  return layer
}

function goTo(map, bounds) {
  if (bounds?.isValid()) map.fitBounds(bounds, { padding: [40, 40], maxZoom: 20 })
  else map.setView([20, 20], 2)
}

const boxOf = ({ west, south, east, north }) => [
  [south, west],
  [north, east],
]

/** Tooltips take HTML. */
function escaped(text) {
  const element = document.createElement('span')
  element.textContent = text
  return element
}
