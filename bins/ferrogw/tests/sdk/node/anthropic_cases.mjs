// The official Anthropic library for Node: what a program that uses it would see.

import { apiKey, library, main, root, selected } from './seen.mjs';

const { default: Anthropic } = await library('@anthropic-ai/sdk');

const client = new Anthropic({ baseURL: root, apiKey, maxRetries: 0, timeout: 20_000 });
const messages = [{ role: 'user', content: 'Hello' }];
const hello = { model: 'claude-hello', max_tokens: 64, messages };
const cached = { type: 'ephemeral', ttl: '1h' };
const weather = {
  name: 'weather',
  description: 'The weather in a city',
  input_schema: {
    type: 'object',
    properties: { days: { type: 'number' }, city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  strict: true,
};
const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 1 };
const png = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
const keep = { type: 'tool_uses', value: 1 };
const cleared = { edits: [{ type: 'clear_tool_uses_20250919', keep }] };
const betas = ['context-management-2025-06-27', 'a-beta-that-nobody-knows-2026-11-30'];
const thinking = { type: 'enabled', budget_tokens: 1024 };

const create = (asked, options) => client.messages.create({ ...hello, ...asked }, options);

async function every(seen, asked) {
  for await (const event of await create({ stream: true, ...asked })) seen.events.push(event);
}

async function batched(seen, own, more = {}) {
  const asked = { requests: [{ custom_id: 'one', params: hello }] };
  const made = await own.create({ ...asked, ...more });
  seen.returned.push(made);
  seen.returned.push(await own.retrieve(made.id, more));
  for await (const batch of own.list({ limit: 2, ...more })) seen.events.push(batch);
  for await (const result of await own.results(made.id, more)) seen.events.push(result);
  seen.returned.push(await own.cancel(made.id, more));
  seen.returned.push(await own.delete(made.id, more));
}

async function helped(seen, stream) {
  for await (const event of stream) seen.events.push(event);
  seen.returned.push(await stream.finalMessage());
}

const CASES = {
  async messages(seen) {
    const more = { temperature: 0.5, stop_sequences: ['\n\n'], service_tier: 'auto' };
    const odd = [1e-300, null, { lone_surrogate: '\ud800' }];
    seen.returned.push(await create({ ...more, metadata: { user_id: 'one' }, odd }));
  },
  async messages_raw_response(seen) {
    const response = await client.messages.create(hello).asResponse();
    seen.returned.push({ status: response.status, headers: selected(response.headers) });
    seen.returned.push(await response.text());
  },
  async messages_with_a_token(seen) {
    const own = new Anthropic({ baseURL: root, authToken: apiKey, apiKey: null, maxRetries: 0 });
    seen.returned.push(await own.messages.create(hello));
  },
  async messages_with_a_key(seen) {
    // As versions before the second show it.
    const headers = { Authorization: null, 'x-api-key': apiKey };
    seen.returned.push(await create({}, { headers }));
  },
  async messages_cached(seen) {
    const content = [
      { type: 'text', text: 'Hello', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'and \u00e9 \u{1f600}' },
    ];
    const message = await create({
      cache_control: { type: 'ephemeral' },
      system: [
        { type: 'text', text: 'one' },
        { type: 'text', text: 'two', cache_control: cached },
      ],
      tools: [{ ...weather, cache_control: cached }],
      messages: [{ role: 'user', content }],
    });
    seen.returned.push(message);
  },
  async messages_streamed(seen) {
    await every(seen, {});
  },
  async messages_streamed_raw(seen) {
    const response = await client.messages.create({ ...hello, stream: true }).asResponse();
    seen.returned.push({ status: response.status, headers: selected(response.headers) });
    seen.events.push(...(await response.text()).split('\n'));
  },
  async messages_stream_helper(seen) {
    const stream = client.messages.stream(hello);
    for (const name of ['text', 'contentBlock', 'message', 'end'])
      stream.on(name, () => seen.events.push({ type: name }));
    seen.returned.push(await stream.finalMessage());
  },
  async messages_thinking(seen) {
    const asked = { model: 'claude-thinking', max_tokens: 2048, thinking };
    const first = await create(asked);
    seen.returned.push(first);
    // The seals of its thoughts go back as they came.
    const { content } = first;
    const told = [...messages, { role: 'assistant', content }, { role: 'user', content: 'Go on.' }];
    seen.returned.push(await create({ ...asked, messages: told }));
    const adapted = { thinking: { type: 'adaptive' }, output_config: { effort: 'low' } };
    seen.returned.push(await create({ ...asked, ...adapted }));
  },
  async messages_thinking_streamed(seen) {
    const asked = { ...hello, model: 'claude-thinking', max_tokens: 2048, thinking };
    await helped(seen, client.messages.stream(asked));
  },
  async messages_tools(seen) {
    const tool_choice = { type: 'any', disable_parallel_tool_use: true };
    const offered = { tools: [weather, search], tool_choice };
    const first = await create({ model: 'claude-tool_calls', ...offered });
    seen.returned.push(first);
    const said = [{ type: 'text', text: '12\u00b0' }, { type: 'image', source: png }];
    const results = first.content
      .filter((block) => block.type === 'tool_use')
      .map(({ id }) => ({ type: 'tool_result', tool_use_id: id, is_error: false, content: said }));
    const told = [
      ...messages,
      { role: 'assistant', content: first.content },
      { role: 'user', content: results },
    ];
    seen.returned.push(await create({ messages: told, ...offered }));
  },
  async messages_tools_streamed(seen) {
    const asked = { ...hello, model: 'claude-tool_calls', tools: [weather] };
    await helped(seen, client.messages.stream(asked));
  },
  async messages_of_documents(seen) {
    const source = { type: 'text', media_type: 'text/plain', data: 'Hello.' };
    const content = [
      { type: 'document', title: 'A letter', citations: { enabled: true }, source },
      { type: 'image', source: png },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'text', text: 'What is this?' },
    ];
    await every(seen, { model: 'claude-citations', messages: [{ role: 'user', content }] });
  },
  async messages_beta(seen) {
    const asked = { max_tokens: 64, messages, betas, context_management: cleared };
    seen.returned.push(await client.beta.messages.create({ model: 'claude-betas', ...asked }));
    await helped(seen, client.beta.messages.stream({ model: 'claude-hello', ...asked }));
    const headers = { 'anthropic-beta': betas[1], 'anthropic-odd': 'kept' };
    seen.returned.push(await create({}, { headers }));
  },
  async count_tokens(seen) {
    const system = [{ type: 'text', text: 'one', cache_control: cached }];
    const asked = { model: 'claude-hello', messages, tools: [weather], system, thinking };
    seen.returned.push(await client.messages.countTokens(asked));
  },
  async count_tokens_beta(seen) {
    const asked = { model: 'claude-edited', messages, betas, context_management: cleared };
    seen.returned.push(await client.beta.messages.countTokens(asked));
  },
  async error_400() {
    await create({ model: 'claude-an_invalid_request' });
  },
  async error_400_of_a_long_prompt() {
    await create({ model: 'claude-a_prompt_too_long' });
  },
  async error_401() {
    await create({ model: 'claude-wrong_key' });
  },
  async error_404() {
    await create({ model: 'claude-no_such_model' });
  },
  async error_404_of_a_count() {
    await client.messages.countTokens({ model: 'claude-no_such_model', messages });
  },
  async error_429() {
    await create({ model: 'claude-rate_limited' });
  },
  async error_429_before_a_stream() {
    await create({ model: 'claude-rate_limited', stream: true });
  },
  async error_500() {
    await create({ model: 'claude-server_error' });
  },
  async error_529() {
    await create({ model: 'claude-overloaded' });
  },
  async error_529_retried() {
    await create({ model: 'claude-overloaded' }, { maxRetries: 1 });
  },
  async error_in_a_stream(seen) {
    await every(seen, { model: 'claude-an_error_inside_a_stream' });
  },
  async batches(seen) {
    await batched(seen, client.messages.batches);
  },
  async batches_beta(seen) {
    await batched(seen, client.beta.messages.batches, { betas });
  },
  async files(seen) {
    const { files } = client.beta;
    const made = await files.upload({ file: new File(['hi'], 'a.txt', { type: 'text/plain' }) });
    seen.returned.push(made);
    seen.returned.push(await files.retrieveMetadata(made.id));
    seen.returned.push(await (await files.download(made.id)).text());
    for await (const file of files.list({ limit: 2 })) seen.events.push(file);
    seen.returned.push(await files.delete(made.id));
  },
  async error_404_of_a_batch() {
    await client.messages.batches.retrieve('msgbatch_of_somebody_else');
  },
  async models(seen) {
    for await (const model of client.models.list()) seen.events.push(model);
  },
};

await main(CASES);
