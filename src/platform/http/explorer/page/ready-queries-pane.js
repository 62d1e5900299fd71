// The pane beside the editor that lists the ready queries in prose. A query opens and runs; a mutation opens, and waits to be run.

const { createElement: h, createContext, useContext, useEffect, useState } = React
const { useEditorContext, useExecutionContext } = GraphiQL.React

/** `{ offered: [{ title, description, topic, name, kind, document, variables, missing }] }` to whoever is signed in. */
export const ReadyQueriesContext = createContext({ offered: [] })

export const readyQueriesPlugin = { title: 'Ready queries', icon: Icon, content: Pane }

function Icon() {
  const line = {
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: 1.6,
    strokeLinecap: 'round',
    strokeLinejoin: 'round',
  }
  const path =
    'M12 6.500c-2-1.500-5-2-8-1.600v13.200c3-.4 6 .1 8 1.600 2-1.500 5-2 8-1.600V4.900c-3-.4-6 .1-8 1.600Zm0 0v13.200'
  return h('svg', { viewBox: '0 0 24 24', height: '1em', ...line, 'aria-hidden': true }, h('path', { d: path }))
}

function Pane() {
  const { offered } = useContext(ReadyQueriesContext)
  const { active, open } = useOpening()
  return h(
    'section',
    { className: 'ready-queries', 'aria-label': 'Ready queries' },
    h('h2', null, 'Ready queries'),
    ...[...new Set(offered.map(({ topic }) => topic))].map((topic) => h(Topic, { key: topic, topic, active, open })),
  )
}

function Topic({ topic, active, open }) {
  const { offered } = useContext(ReadyQueriesContext)
  const below = offered.filter((readyQuery) => readyQuery.topic === topic)
  return h(
    React.Fragment,
    null,
    h('h3', null, topic),
    h('ol', null, ...below.map((tab) => h(Item, { key: tab.name, tab, isActive: tab.name === active, open }))),
  )
}

function Item({ tab, isActive, open }) {
  const label = [
    h(
      'span',
      { key: 'title', className: 'ready-title' },
      tab.title,
      tab.kind === 'mutation' && h('small', null, 'writes'),
    ),
    h('span', { key: 'description', className: 'ready-description' }, tab.description.split('\n')[0]),
    ...tab.missing.map((missing) => h('em', { key: missing }, missing)),
  ]
  return h(
    'li',
    null,
    h(
      'button',
      { type: 'button', title: tab.description, 'aria-current': isActive, onClick: () => open(tab) },
      ...label,
    ),
  )
}

/** How a ready query gets into the editor: into its own tab, made again when it was closed. */
function useOpening() {
  const editor = useEditorContext({ nonNull: true })
  const execution = useExecutionContext({ nonNull: true })
  const [opening, setOpening] = useState(null)

  useEffect(() => {
    if (opening === null) return
    setOpening(null)
    const { tab, isNew } = opening
    if (isNew) {
      editor.queryEditor.setValue(tab.document)
      editor.variableEditor.setValue(tab.variables)
    }
    if (tab.kind === 'query' && tab.missing.length === 0) execution.run()
  }, [opening, editor, execution])

  const open = (tab) => {
    // What is still on its way belongs to the tab that is left.
    execution.stop()
    const index = editor.tabs.findIndex(({ title }) => title === tab.name)
    if (index < 0) editor.addTab()
    else editor.changeTab(index)
    setOpening({ tab, isNew: index < 0 })
  }
  return { active: editor.tabs[editor.activeTabIndex]?.title, open }
}

/** Runs the first tab once the editor is there, so that a person sees data before they press anything. */
export function RunFirstTab() {
  const { queryEditor, variableEditor, responseEditor } = useEditorContext({ nonNull: true })
  const execution = useExecutionContext({ nonNull: true })
  const [isDone, setDone] = useState(false)
  const isReady = queryEditor !== null && variableEditor !== null && responseEditor !== null
  useEffect(() => {
    if (isDone || !isReady) return
    setDone(true)
    if (queryEditor.getValue().includes('\nquery ')) execution.run()
  }, [isDone, isReady, queryEditor, execution])
  return null
}
