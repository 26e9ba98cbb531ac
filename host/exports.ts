// Export tables: how namespace objects read each export.
import type { ExportRequest } from '../guest/protocol.js'
import { exportNames, type LinkView, resolveExport } from './link.js'
import { linkView, type Services } from './services.js'

export function exportTable(view: LinkView, id: string): ExportRequest[] {
  const table: ExportRequest[] = []
  for (const name of exportNames(view, id)) {
    const found = resolveExport(view, id, name)
    if (!found || found === 'ambiguous') continue
    if (found.kind === 'namespace') table.push({ name, kind: 'namespace', module: found.module, binding: '' })
    else if (found.kind === 'external')
      table.push({ name, kind: 'external', module: found.module, binding: found.name })
    else table.push({ name, kind: 'binding', module: found.module, binding: found.binding })
  }
  return table
}

/** Makes sure that a running module's namespace object knows its exports. */
export function openNamespace(services: Services, id: string): void {
  if (services.namespaces.has(id)) return
  services.namespaces.add(id)
  const table = exportTable(linkView(services), id)
  const { realm } = services
  if (realm.kind === 'isolate') realm.setExports(id, table)
  else realm.kernel.setExports(id, table)
  for (const { kind, module } of table)
    if (kind === 'namespace' && isGuest(services, module)) openNamespace(services, module)
}

function isGuest({ graph, underWay }: Services, id: string): boolean {
  return graph.modules.has(id) || underWay.has(id)
}
