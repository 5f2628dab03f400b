// SPDX-License-Identifier: MIT
const ours = new URL('./index.mjs', import.meta.url).href;

export function resolve(specifier, context, next) {
  if (/^electron(\/(main|renderer))?$/.test(specifier)) return { url: ours, shortCircuit: true };
  return next(specifier, context);
}
