// Plain JavaScript, so that Jest hands it, and the TypeScript it imports, to Node as it is.
export { default } from './environment.ts'
