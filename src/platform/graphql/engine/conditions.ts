import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentSpreadNode,
  type InlineFragmentNode,
  Kind,
  visit,
} from 'graphql'

/** The values of the variables that decide what is skipped and included. */
export type Conditions = ReadonlyMap<string, boolean>

/** The variables that `@skip` and `@include` ask, in this document. */
export function conditionVariables(document: DocumentNode): string[] {
  const names = new Set<string>()
  visit(document, {
    Directive(node) {
      const value = conditionOf(node)
      if (value?.kind === Kind.VARIABLE) names.add(value.name.value)
    },
  })
  return [...names]
}

/** The document with what these conditions leave of it, and no condition any more. */
export function withoutConditions(document: DocumentNode, conditions: Conditions): DocumentNode {
  const decide = <Node extends FieldNode | InlineFragmentNode | FragmentSpreadNode>(node: Node) => {
    if (!node.directives?.length) return undefined
    return node.directives.every((directive) => isMet(directive, conditions)) ? { ...node, directives: [] } : null
  }
  return visit(document, { Field: decide, InlineFragment: decide, FragmentSpread: decide })
}

function isMet(directive: DirectiveNode, conditions: Conditions): boolean {
  const condition = conditionOf(directive)
  if (!condition) return true
  const value = condition.kind === Kind.VARIABLE ? conditions.get(condition.name.value) : isTrue(condition)
  return directive.name.value === 'skip' ? !value : value === true
}

function isTrue(value: ReturnType<typeof conditionOf>): boolean {
  return value?.kind === Kind.BOOLEAN && value.value
}

function conditionOf({ name, arguments: given = [] }: DirectiveNode) {
  return name.value === 'skip' || name.value === 'include' ? given[0]?.value : undefined
}
