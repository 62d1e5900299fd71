// No file over 300 lines: when one grows, the design asks for a new room.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const mostLines = 300

/** What is read by its parts, made by a program, or can't be changed any more. */
const mayBeLonger = [
  /^src\/generated\//,
  /(^|\/)package-lock\.json$/,
  /^schema\.graphql$/,
  /\.md$/,
  /^bench\/results\//,
  // A migration that has landed stays as it is.
  /^db\/migrations[^/]*\//,
]

/** The files of the tree that are longer, with their length; what Git ignores is no part of it. */
export function longFiles(): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' })
  return stdout
    .split('\n')
    .filter((name) => /\.(ts|mjs|js|css|html|sql|graphql|json|ya?ml|sh)$/.test(name))
    .filter((name) => !mayBeLonger.some((pattern) => pattern.test(name)))
    .flatMap((name) => {
      const lines = linesOf(name)
      return lines > mostLines ? [`${name} has ${lines} lines; at most ${mostLines}`] : []
    })
}

/** 0 for a file that was deleted and not committed yet. */
function linesOf(name: string): number {
  try {
    return readFileSync(name, 'utf8').replace(/\n$/, '').split('\n').length
  } catch {
    return 0
  }
}
