// The menu beside the editor that saves all rows of the list that the open tab asks for.

const { createElement: h, useState } = React
const { ToolbarMenu, useEditorContext, useSchemaContext } = GraphiQL.React

const formats = [
  { format: 'csv', label: 'Download CSV' },
  { format: 'jsonl', label: 'Download JSON Lines' },
]

/**
 * Shown where there is a list to save.
 * @param {{ download: (body: object) => Promise<Response> }} props
 */
export function DownloadMenu({ download }) {
  const editor = useEditorContext({ nonNull: true })
  const { schema } = useSchemaContext({ nonNull: true })
  const [isBusy, setBusy] = useState(false)
  const asked = editor.queryEditor?.documentAST
  if (!schema || !asked || !asksForList(schema, asked)) return null

  const save = async (format) => {
    setBusy(true)
    try {
      const response = await download({ ...requestOf(editor), format })
      const problem = await saveBody(response)
      if (problem) show(editor, problem)
    } catch (error) {
      // A CSV that can't be finished breaks off, so that nobody takes a part for all of it.
      show(
        editor,
        error instanceof TypeError ? 'The download broke off, and nothing was saved. Try again.' : error.message,
      )
    }
    setBusy(false)
  }
  const label = isBusy ? 'Downloading ...' : 'Download all rows of this list'
  const items = formats.map(({ format, label }) =>
    h(ToolbarMenu.Item, { key: format, disabled: isBusy, onSelect: () => save(format) }, label),
  )
  // Not modal: the page's scroll bar stays.
  return h(ToolbarMenu, { label, button: h(Icon), modal: false }, ...items)
}

function Icon() {
  const line = {
    fill: 'none',
    stroke: 'currentColor',
    strokeWidth: 1.8,
    strokeLinecap: 'round',
    strokeLinejoin: 'round',
  }
  const path = 'M12 4v11m0 0-4.500-4.500M12 15l4.500-4.500M5 19.500h14'
  return h(
    'svg',
    { className: 'graphiql-toolbar-icon', viewBox: '0 0 24 24', ...line, 'aria-hidden': true },
    h('path', { d: path }),
  )
}

/** Whether a query of the document selects a field with `nodes` and `pageInfo`. */
export function asksForList(schema, document) {
  const fragments = new Map(
    document.definitions.filter(({ kind }) => kind === 'FragmentDefinition').map((one) => [one.name.value, one]),
  )
  const seen = new Set()
  const search = (selectionSet, type) =>
    selectionSet?.selections.some((selection) => {
      if (selection.kind === 'Field') {
        const inner = namedType(type?.getFields?.()[selection.name.value]?.type)
        const fields = inner?.getFields?.()
        return (fields && 'nodes' in fields && 'pageInfo' in fields) || search(selection.selectionSet, inner)
      }
      const fragment = selection.kind === 'FragmentSpread' ? fragments.get(selection.name.value) : selection
      if (!fragment || seen.has(fragment)) return false
      seen.add(fragment)
      return search(
        fragment.selectionSet,
        fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type,
      )
    }) ?? false
  return document.definitions.some(
    ({ operation, selectionSet }) => operation === 'query' && search(selectionSet, schema.getQueryType()),
  )
}

function namedType(type) {
  let named = type
  while (named?.ofType) named = named.ofType
  return named
}

function requestOf({ queryEditor, variableEditor }) {
  const variables = variableEditor?.getValue().trim()
  const { operations, operationName } = queryEditor
  return {
    document: queryEditor.getValue(),
    ...(variables && { variables }),
    // Right after a change of tabs GraphiQL still names the operation of the one before.
    ...(operations?.length > 1 && operationName && { operationName }),
  }
}

/** Hands the file to the browser; answers what is wrong with it, if it says so itself. */
async function saveBody(response) {
  const body = await response.blob()
  const [, name = 'export'] = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '') ?? []
  const link = document.createElement('a')
  link.href = URL.createObjectURL(body)
  link.download = name
  link.click()
  // By then the browser has taken it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  const last = (await body.slice(-10_000).text()).trimEnd().split('\n').at(-1)
  return name.endsWith('.jsonl') && last.startsWith('{"errors":[')
    ? `${name} is not whole: ${JSON.parse(last).errors[0].message}`
    : null
}

/** Where answers are shown. */
function show({ responseEditor, updateActiveTabValues }, message) {
  const text = JSON.stringify({ errors: [{ message }] }, null, 2)
  responseEditor?.setValue(text)
  updateActiveTabValues({ response: text })
}
