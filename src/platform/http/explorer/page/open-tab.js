// GraphiQL lets the tab that is open lie beyond the edge of a strip that is full.

const { useEffect } = React
const { useEditorContext } = GraphiQL.React

/** Keeps the tab that is open in view, while it gets its title and its button as well. */
export function ShowOpenTab() {
  const { activeTabIndex, tabs } = useEditorContext({ nonNull: true })
  useEffect(() => {
    const tab = document.querySelector('.graphiql-tabs')?.children[activeTabIndex]
    if (!tab) return
    const observer = new ResizeObserver(() => showInStrip(tab))
    observer.observe(tab)
    return () => observer.disconnect()
  }, [activeTabIndex, tabs.length])
  return null
}

/** By where the tab will lie: GraphiQL moves it there slowly. */
function showInStrip(tab) {
  const strip = tab.parentElement
  // It was closed.
  if (strip === null) return
  const left = tab.offsetLeft - strip.firstElementChild.offsetLeft
  const padding = Number.parseFloat(getComputedStyle(strip).paddingInlineStart)
  const right = left + tab.offsetWidth + 2 * padding
  strip.scrollLeft = Math.min(left, Math.max(strip.scrollLeft, right - strip.clientWidth))
}
