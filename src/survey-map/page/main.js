// The map of a survey project: footprints, and the shaded surface of a scan.

import { SurveyMap } from './map.js'
import { Panel } from './panel.js'
import { SignedOut } from './session.js'
import { SignedInPage } from './signed-in-page.js'
import { downloadUrlOf, hillshadeOf, readSurvey } from './survey.js'

const { createElement: h, useCallback, useEffect, useState } = React
const settings = JSON.parse(document.getElementById('settings').textContent)
const assets = new URL('.', import.meta.url).pathname.slice(0, -1)
// As the address has it.
const survey = { ...settings, projectId: decodeURIComponent(location.pathname.split('/').at(-1)) }

function Survey({ session, project, problem, scans }) {
  const [chosenId, choose] = useState(null)
  const [surface, setSurface] = useState(null)
  const [opacity, setOpacity] = useState(0.8)
  useEffect(() => setSurface(null), [chosenId])
  useEffect(() => {
    if (project) document.title = `${project.name} · Kitaab`
  }, [project])
  if (project === null)
    return h('main', { className: 'sign-in' }, h('p', { className: 'card problem', role: 'alert' }, problem))
  const scan = scans.find(({ id }) => id === chosenId)
  return h(
    'main',
    { className: 'survey' },
    h(SurveyMap, { scans, chosenId, choose, surface, opacity }),
    h(
      Panel,
      { project, scans, chosenId, choose },
      scan?.file && h(Surface, { key: chosenId, session, scan, surface, setSurface, opacity, setOpacity }),
    ),
  )
}

/** What can be done with a scan that has points. */
function Surface({ session, scan, surface, setSurface, opacity, setOpacity }) {
  const [state, setState] = useState({ isBusy: false, progress: null, problem: null })
  const [waiting] = useState(() => new AbortController())
  useEffect(() => () => waiting.abort(), [waiting])
  const attempt = useCallback(
    async (work) => {
      setState({ isBusy: true, progress: null, problem: null })
      try {
        await work()
        setState({ isBusy: false, progress: null, problem: null })
      } catch (error) {
        if (waiting.signal.aborted || error instanceof SignedOut) return
        const problem = error instanceof TypeError ? 'Kitaab does not answer. Is it still running?' : error.message
        setState({ isBusy: false, progress: null, problem })
      }
    },
    [waiting],
  )
  const onProgress = (progress) => setState((before) => ({ ...before, progress }))
  const show = () =>
    attempt(async () => {
      const { url, bounds } = await hillshadeOf(session, survey, scan.id, onProgress, waiting.signal)
      // From here, under whatever name this server goes by.
      setSurface({ url: new URL(url).pathname, bounds })
    })
  const download = () =>
    attempt(async () => {
      const link = Object.assign(document.createElement('a'), { download: scan.file.name })
      link.href = new URL(await downloadUrlOf(session, survey, scan.id)).pathname
      link.click()
    })
  const { isBusy, progress, problem } = state
  return h(
    'div',
    { className: 'actions' },
    surface === null
      ? h(
          'button',
          { type: 'button', className: 'action', onClick: show, disabled: isBusy },
          isBusy ? waitingText(progress) : 'Show the surface',
        )
      : h(Opacity, { opacity, setOpacity }),
    h('button', { type: 'button', className: 'action', onClick: download, disabled: isBusy }, 'Download the points'),
    problem && h('p', { className: 'problem', role: 'alert' }, problem),
  )
}

function Opacity({ opacity, setOpacity }) {
  const set = (event) => setOpacity(Number(event.target.value))
  return h(
    'label',
    null,
    'Opacity of the surface',
    h('input', { type: 'range', min: 0, max: 1, step: 0.05, value: opacity, onChange: set }),
  )
}

const waitingText = (progress) => (progress === null ? 'Working ...' : `Working, ${Math.round(progress * 100)} % ...`)

const enter = (session) => readSurvey(session, survey)
const page = h(SignedInPage, { settings, assets, enter, Content: Survey })
ReactDOM.createRoot(document.getElementById('page')).render(page)
