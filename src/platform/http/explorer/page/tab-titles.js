// GraphiQL names a tab after its operation, whose name can hold no spaces. Where that is one of the ready queries, the tab gets its title.

/**
 * Keeps the tabs below `root` titled; answers a function that ends it.
 * @param {Element} root
 * @param {ReadonlyMap<string, string>} titles by operation name
 */
export function titleTabs(root, titles) {
  const apply = () => {
    for (const button of root.querySelectorAll('.graphiql-tab-button')) {
      const text = button.firstChild
      const title = text instanceof Text ? titles.get(text.data) : undefined
      // The text alone: React keeps its node, and writes into it when the name changes. Writing what stands there would count as a change, too.
      if (title !== undefined && title !== text.data) text.data = title
    }
  }
  const observer = new MutationObserver(apply)
  observer.observe(root, { subtree: true, childList: true, characterData: true })
  apply()
  return () => observer.disconnect()
}
