// A server as the SDK's own helper makes it, with Express's reader of bodies: `guard_express_server.mjs PORT`. It says what it was called for.
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

function server() {
  const server = new McpServer({ name: 'bank', version: '1' });
  for (const name of ['look', 'pay']) {
    server.registerTool(name, { inputSchema: { text: z.string() } }, async ({ text }) => {
      return { content: [{ type: 'text', text: `${name} ${text}` }] };
    });
  }
  return server;
}

const app = createMcpExpressApp();
app.post('/mcp', async (request, answer) => {
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined, enableJsonResponse: true });
  const one = server();
  await one.connect(transport);
  answer.on('close', () => { transport.close(); one.close(); });
  await transport.handleRequest(request, answer, request.body);
});
app.listen(Number(process.argv[2]), '127.0.0.1');
