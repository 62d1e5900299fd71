// The pane beside the editor that lists the ready queries in prose. A query opens and runs; a mutation opens, and waits to be run.

const { createElement: h, createContext, useContext, useEffect, useRef, useState } = React
const { useEditorContext, useExecutionContext } = GraphiQL.React

/** `{ offered: [{ title, description, topic, name, kind, document, variables, missing }], filled }` to whoever is signed in; `filled`: the variables that the page last put into the tab of each, by name. */
export const ReadyQueriesContext = createContext({ offered: [], filled: new Map() })

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
  // What all of them lack is said once.
  const [first, ...others] = below
  const common = first.missing.filter((text) => others.length > 0 && others.every((one) => one.missing.includes(text)))
  const item = (tab) => {
    const missing = tab.missing.filter((text) => !common.includes(text))
    return h(Item, { key: tab.name, tab, missing, isActive: tab.name === active, open })
  }
  return h(
    React.Fragment,
    null,
    h('h3', null, topic),
    ...common.map((text) => h('p', { key: text }, h('em', null, text))),
    h('ol', null, ...below.map(item)),
  )
}

function Item({ tab, missing, isActive, open }) {
  const label = [
    h(
      'span',
      { key: 'title', className: 'ready-title' },
      tab.title,
      tab.kind === 'mutation' && h('small', null, 'writes'),
    ),
    h('span', { key: 'description', className: 'ready-description' }, beginning(tab.description)),
    ...missing.map((text) => h('em', { key: text }, text)),
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

/** The sentences of the first line, or the one that goes on below it. The editor shows the rest: the comment above the query. */
function beginning(description) {
  const [sentences] = /^.*[.!?](?=\s|$)/.exec(description) ?? /^.+?[.!?](?=\s|$)/s.exec(description) ?? [description]
  return sentences
}

/** How a ready query gets into the editor: into its own tab, made again when it was closed. What a person wrote into it stays. */
function useOpening() {
  const { filled } = useContext(ReadyQueriesContext)
  const editor = useEditorContext({ nonNull: true })
  const execution = useExecutionContext({ nonNull: true })
  const [opening, setOpening] = useState(null)
  const opened = useRef(null)
  /** Whether a tab is on its way into the editor, and what was chosen meanwhile. */
  const way = useRef({ isTaken: false, next: null })

  const open = (tab) => {
    if (way.current.isTaken) {
      way.current.next = tab
      return
    }
    way.current.isTaken = true
    // What is still on its way belongs to the tab that is left.
    execution.stop()
    const index = editor.tabs.findIndex(({ title }) => title === tab.name)
    if (index < 0) editor.addTab()
    else editor.changeTab(index)
    setOpening({ tab, isNew: index < 0 })
  }

  useEffect(() => {
    // Once: the second time it would overwrite what a person wrote meanwhile.
    if (opening === opened.current) return
    opened.current = opening
    const { tab, isNew } = opening
    if (isNew) putIntoNewTab(editor, tab)
    const variables = editor.variableEditor.getValue()
    if (isNew || variables === filled.get(tab.name) || hasNull(variables)) {
      editor.variableEditor.setValue(tab.variables)
      filled.set(tab.name, tab.variables)
    }
    const { next } = way.current
    way.current = { isTaken: false, next: null }
    if (next !== null) open(next)
    // Where something is missing, this says so in place of an answer.
    else if (tab.kind === 'query') execution.run()
  })
  const latest = useRef(open)
  latest.current = open
  // From a timer all is done in turn. What a click changes React takes in first, and again behind what waited: by then GraphiQL, which
  // reads the editors as it makes a tab, would find the next text in them and give it to the tab before.
  const openInTurn = (tab) => setTimeout(() => latest.current(tab))
  return { active: editor.tabs[editor.activeTabIndex]?.title, open: openInTurn }
}

function putIntoNewTab({ queryEditor, updateActiveTabValues }, { document, name }) {
  queryEditor.setValue(document)
  // GraphiQL would find the name a moment later; by then the tab may be left, and would keep the name of the one before.
  queryEditor.operationName = name
  updateActiveTabValues({ query: document, operationName: name })
}

function hasNull(variables) {
  try {
    return Object.values(JSON.parse(variables) ?? {}).includes(null)
  } catch {
    return false
  }
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
