// The official OpenAI library for Node: what a program that uses it would see.

import { apiKey, library, main, root, selected } from './seen.mjs';

const { default: OpenAI, toFile } = await library('openai');

const baseURL = `${root}/v1`;
const client = new OpenAI({ baseURL, apiKey, maxRetries: 0, timeout: 20_000 });
const messages = [{ role: 'user', content: 'Hello' }];
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' }, days: { type: 'number' } },
      required: ['city', 'days'],
      additionalProperties: false,
    },
    strict: true,
  },
};
const time = { type: 'function', function: { name: 'time', parameters: { type: 'object' } } };
const schema = {
  name: 'answer',
  strict: true,
  schema: {
    type: 'object',
    properties: {
      city: { type: 'string' },
      days: { type: 'integer' },
      tags: { type: 'array', items: { enum: ['a', 'b'] } },
    },
  },
};

const { name, description, parameters } = weather.function;
const call = { type: 'function', name, description, parameters, strict: true };
const search = { type: 'web_search', search_context_size: 'low' };

const wav = () => toFile(Buffer.from('RIFF\0\r\n--WAVE'), 'hello.wav', { type: 'audio/wav' });
const png = () => toFile(Buffer.from('\u0089PNG\r\n', 'latin1'), 'a.png', { type: 'image/png' });
const line = '{"custom_id":"1"}\r\n\0\u00ff--';
const lines = () =>
  toFile(Buffer.from(line.repeat(1 << 15), 'latin1'), 'requests.jsonl', { type: 'application/jsonl' });
const ask = (asked, options) => client.chat.completions.create({ messages, ...asked }, options);

async function every(seen, asked, options) {
  for await (const chunk of await ask({ stream: true, ...asked }, options)) seen.events.push(chunk);
}

const CASES = {
  async chat(seen) {
    seen.returned.push(await ask({ model: 'scripted', temperature: 0.5 }));
  },
  async chat_reasoning(seen) {
    seen.returned.push(await ask({ model: 'reasoning' }));
  },
  async chat_refusal(seen) {
    seen.returned.push(await ask({ model: 'refusal' }));
  },
  async chat_raw_response(seen) {
    const { data, response, request_id } = await ask({ model: 'scripted' }).withResponse();
    const headers = selected(response.headers);
    seen.returned.push({ status: response.status, headers, has_request_id: Boolean(request_id) });
    seen.returned.push(data);
  },
  async stream(seen) {
    await every(seen, { model: 'scripted' });
  },
  async stream_with_usage(seen) {
    await every(seen, { model: 'scripted', stream_options: { include_usage: true } });
  },
  async stream_slow_with_comments(seen) {
    await every(seen, { model: 'comments-5' });
  },
  async stream_raw_response(seen) {
    const response = await ask({ model: 'scripted', stream: true }).asResponse();
    seen.returned.push({ status: response.status, headers: selected(response.headers) });
    seen.events.push(...(await response.text()).split('\n'));
  },
  async stream_helper(seen) {
    const runner = client.chat.completions.stream({ model: 'scripted', messages, tools: [weather] });
    for (const name of ['content.delta', 'tool_calls.function.arguments.done', 'chunk', 'end'])
      runner.on(name, () => seen.events.push({ type: name }));
    seen.returned.push(await runner.finalChatCompletion());
  },
  async tools(seen) {
    const offered = { tools: [weather, time], tool_choice: 'auto', parallel_tool_calls: true };
    seen.returned.push(await ask({ model: 'scripted', ...offered }));
    const call = { id: 'call_1', type: 'function', function: { name: 'time', arguments: '' } };
    const told = [
      ...messages,
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '12:00 \u00e9\u{1f600}' },
    ];
    seen.returned.push(await ask({ model: 'scripted', messages: told }));
  },
  async tools_streamed(seen) {
    await every(seen, { model: 'scripted', tools: [weather, time] });
  },
  async json_schema(seen) {
    const response_format = { type: 'json_schema', json_schema: schema };
    seen.returned.push(await ask({ model: 'scripted', response_format }));
  },
  async json_schema_parsed(seen) {
    const response_format = { type: 'json_schema', json_schema: schema };
    const asked = { model: 'scripted', messages, response_format };
    seen.returned.push(await client.chat.completions.parse(asked));
  },
  async vision(seen) {
    const content = [
      { type: 'text', text: 'What is this?' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      { type: 'input_audio', input_audio: { data: 'UklGRg==', format: 'wav' } },
    ];
    seen.returned.push(await ask({ model: 'scripted', messages: [{ role: 'user', content }] }));
  },
  async logprobs(seen) {
    const asked = { model: 'scripted', logprobs: true, top_logprobs: 1 };
    seen.returned.push(await ask(asked));
    await every(seen, asked);
  },
  async several_choices(seen) {
    seen.returned.push(await ask({ model: 'scripted', n: 2 }));
    await every(seen, { model: 'scripted', n: 2 });
  },
  async odd_fields(seen) {
    const odd = {};
    for (let index = 0; index < 33; index += 1)
      odd[`odd_${index}`] = { z: index, a: [null, true, { '': index / 3 }] };
    Object.assign(odd, {
      seed: 1.2345678901234567e22,
      tiny: 1e-300,
      huge: 1e21,
      text: '\u0000\u001f\u2028 \u{1f600} \\ / "',
      lone_surrogate: '\ud800',
      Model: 'not the model',
      provider: { order: ['a', 'b'] },
    });
    seen.returned.push(await ask({ model: 'scripted', ...odd }));
    await every(seen, { model: 'scripted', ...odd });
  },
  async speech(seen) {
    const said = { model: 'scripted', input: 'Hello', voice: 'alloy', response_format: 'mp3' };
    const answer = await client.audio.speech.create(said);
    const bytes = Buffer.from(await answer.arrayBuffer()).toString('hex');
    seen.returned.push({ type: answer.headers.get('content-type'), bytes });
  },
  async speech_in_events(seen) {
    const said = { model: 'scripted', input: 'Hello', voice: 'alloy', stream_format: 'sse' };
    const answer = await client.audio.speech.create(said);
    seen.returned.push({ headers: selected(answer.headers) });
    seen.events.push(...(await answer.text()).split('\n'));
  },
  async transcriptions(seen) {
    const create = (asked) => client.audio.transcriptions.create({ model: 'scripted', ...asked });
    seen.returned.push(await create({ file: await wav() }));
    const file = await toFile(Buffer.alloc(2 << 20, 'RIFF'), 'large.wav', { type: 'audio/wav' });
    seen.returned.push(await create({ file, language: 'en', prompt: 'a \u00e9' }));
    const timestamp_granularities = ['word', 'segment'];
    const response_format = 'verbose_json';
    seen.returned.push(await create({ file: await wav(), response_format, timestamp_granularities }));
    for (const name of ['text', 'srt', 'vtt'])
      seen.returned.push(await create({ file: await wav(), response_format: name }));
  },
  async transcriptions_streamed(seen) {
    const asked = { file: await wav(), model: 'scripted', stream: true };
    for await (const event of await client.audio.transcriptions.create(asked))
      seen.events.push(event);
  },
  async translations(seen) {
    const create = async (asked) =>
      client.audio.translations.create({ file: await wav(), model: 'scripted', ...asked });
    seen.returned.push(await create({}));
    seen.returned.push(await create({ response_format: 'text' }));
  },
  async image_edits(seen) {
    const edit = async (asked) =>
      client.images.edit({ image: await png(), prompt: 'a hat', model: 'scripted', ...asked });
    seen.returned.push(await edit({}));
    const image = [await png(), await png()];
    seen.returned.push(await edit({ image, mask: await png(), n: 1, size: '1024x1024' }));
    for await (const event of await edit({ stream: true, partial_images: 1 }))
      seen.events.push(event);
  },
  async image_variations(seen) {
    const asked = { image: await png(), model: 'scripted', n: 1 };
    seen.returned.push(await client.images.createVariation(asked));
  },
  async error_429_of_an_upload() {
    await client.audio.transcriptions.create({ file: await wav(), model: 'error-429' });
  },
  async error_429_of_speech() {
    await client.audio.speech.create({ model: 'error-429', input: 'Hello', voice: 'alloy' });
  },
  async error_400() {
    await ask({ model: 'error-400' });
  },
  async error_401() {
    await ask({ model: 'error-401' });
  },
  async error_404() {
    await ask({ model: 'error-404' });
  },
  async error_422() {
    await ask({ model: 'error-422' });
  },
  async error_429() {
    await ask({ model: 'error-429' });
  },
  async error_429_before_a_stream() {
    await ask({ model: 'error-429', stream: true });
  },
  async error_500() {
    await ask({ model: 'error-500' });
  },
  async error_500_retried() {
    await ask({ model: 'error-500' }, { maxRetries: 1 });
  },
  async error_in_a_stream(seen) {
    await every(seen, { model: 'error-in-stream' });
  },
  async timeout() {
    await ask({ model: 'stall-head' }, { timeout: 1000 });
  },
  async abort_in_a_stream(seen) {
    const stream = await ask({ model: 'stall-3', stream: true });
    for await (const chunk of stream) {
      seen.events.push(chunk);
      if (seen.events.length === 3) stream.controller.abort();
    }
  },
  async completions(seen) {
    const prompt = ['Hello', 'Goodbye'];
    const more = { suffix: '.', echo: true, logprobs: 1, stop: '\n', max_tokens: 7 };
    seen.returned.push(await client.completions.create({ model: 'scripted', prompt, ...more }));
  },
  async completions_streamed(seen) {
    const prompt = 'Hello, and a good day to everyone who reads this far. '.repeat(3);
    const asked = { model: 'scripted', prompt, stream: true };
    for await (const chunk of await client.completions.create(asked)) seen.events.push(chunk);
  },
  async embeddings(seen) {
    // The library asks for base64, and makes numbers of it.
    const input = ['Hello', 'Goodbye'];
    seen.returned.push(await client.embeddings.create({ model: 'scripted', input }));
  },
  async embeddings_of_tokens_in_numbers(seen) {
    const input = [[1, 2], [3]];
    const asked = { model: 'scripted', input, encoding_format: 'float', dimensions: 3 };
    seen.returned.push(await client.embeddings.create(asked));
  },
  async images(seen) {
    const asked = { model: 'scripted', prompt: 'A hello.', n: 2, size: '1024x1024' };
    seen.returned.push(await client.images.generate(asked));
  },
  async images_streamed(seen) {
    const asked = { model: 'scripted', prompt: 'A hello.', stream: true, partial_images: 2 };
    for await (const event of await client.images.generate(asked)) seen.events.push(event);
  },
  async moderations(seen) {
    const url = 'https://images.example/1.png';
    const parts = [{ type: 'text', text: 'Hello' }, { type: 'image_url', image_url: { url } }];
    for (const input of [['Hello', 'Goodbye'], parts])
      seen.returned.push(await client.moderations.create({ model: 'scripted', input }));
  },
  async models(seen) {
    for await (const model of client.models.list()) seen.events.push(model);
  },
  async responses(seen) {
    const content = [
      { type: 'input_text', text: 'Hello' },
      { type: 'input_image', image_url: 'data:image/png;base64,iVBORw0KGgo=', detail: 'low' },
      { type: 'input_file', file_id: 'file-1' },
    ];
    const response = await client.responses.create({
      model: 'gpt-hello',
      instructions: 'Be brief.',
      metadata: { who: 'a program' },
      store: false,
      reasoning: { effort: 'low', summary: 'auto' },
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'one',
      odd: [1e-300, null, { lone_surrogate: '\ud800' }],
      input: [
        { role: 'developer', content: 'Mind the \u00e9.' },
        { role: 'user', content },
      ],
    });
    seen.returned.push(response, response.output_text);
  },
  async headers(seen) {
    const more = { organization: 'org-1', project: 'proj-1', maxRetries: 0 };
    const own = new OpenAI({ baseURL, apiKey, ...more });
    const beta = { headers: { 'OpenAI-Beta': 'responses=v1' } };
    seen.returned.push(await own.responses.create({ model: 'gpt-hello', input: 'Hello' }, beta));
    seen.returned.push(await own.files.create({ file: await lines(), purpose: 'batch' }, beta));
    seen.returned.push(await own.chat.completions.create({ model: 'scripted', messages }));
  },
  async responses_raw_response(seen) {
    const asked = { model: 'gpt-hello', input: 'Hello' };
    const response = await client.responses.create(asked).asResponse();
    seen.returned.push({ status: response.status, headers: selected(response.headers) });
    seen.returned.push(await response.text());
  },
  async responses_streamed(seen) {
    const asked = { model: 'gpt-hello', input: 'Hello', stream: true };
    for await (const event of await client.responses.create(asked)) seen.events.push(event);
  },
  async responses_stream_helper(seen) {
    const asked = { model: 'gpt-tool_calls', input: 'Hello', tools: [call] };
    const stream = client.responses.stream(asked);
    for await (const event of stream) seen.events.push({ type: event.type });
    seen.returned.push(await stream.finalResponse());
  },
  async responses_tools(seen) {
    const offered = { tools: [call, search], tool_choice: 'auto', parallel_tool_calls: false };
    const create = (asked) => client.responses.create({ model: 'gpt-hello', ...asked });
    const first = await create({ model: 'gpt-tool_calls', input: 'Hello', ...offered });
    seen.returned.push(first);
    const told = first.output
      .filter((item) => item.type === 'function_call')
      .map(({ call_id }) => ({ type: 'function_call_output', call_id, output: '12\u00b0 \u{1f600}' }));
    seen.returned.push(await create({ previous_response_id: first.id, input: told, ...offered }));
    // And without the vendor's memory: everything goes back, sealed thoughts too.
    seen.returned.push(await create({ input: [...first.output, ...told], store: false }));
  },
  async responses_tools_streamed(seen) {
    const asked = { model: 'gpt-tool_calls', input: 'Hello', tools: [call, search], stream: true };
    for await (const event of await client.responses.create(asked)) seen.events.push(event);
  },
  async responses_cut_short(seen) {
    const asked = { model: 'gpt-cut_short', input: 'Hello', max_output_tokens: 16 };
    seen.returned.push(await client.responses.create(asked));
    for await (const event of await client.responses.create({ ...asked, stream: true }))
      seen.events.push(event);
  },
  async responses_kept(seen) {
    const kept = client.responses;
    const asked = { model: 'gpt-in_the_background', input: 'Hello', background: true, store: true };
    const begun = await kept.create(asked);
    seen.returned.push(begun);
    const include = ['message.output_text.logprobs'];
    seen.returned.push(await kept.retrieve(begun.id, { include }));
    for await (const event of await kept.retrieve(begun.id, { stream: true, starting_after: 1 }))
      seen.events.push(event);
    const listed = { limit: 2, order: 'asc', include: ['reasoning.encrypted_content'] };
    for await (const item of kept.inputItems.list(begun.id, listed)) seen.events.push(item);
    seen.returned.push(await kept.cancel(begun.id));
    seen.returned.push((await kept.delete(begun.id)) ?? null);
  },
  async responses_counted(seen) {
    const asked = { model: 'gpt-hello', input: 'Hello', instructions: 'Be brief.' };
    seen.returned.push(await client.responses.inputTokens.count({ tools: [call], ...asked }));
    seen.returned.push(await client.responses.compact(asked));
  },
  async conversations(seen) {
    const items = [{ type: 'message', role: 'user', content: 'Hello' }];
    const begun = await client.conversations.create({ metadata: { who: 'a program' }, items });
    seen.returned.push(begun);
    const asked = { model: 'gpt-hello', input: 'Hello', conversation: begun.id };
    seen.returned.push(await client.responses.create(asked));
    const listed = { limit: 1, order: 'desc' };
    for await (const item of client.conversations.items.list(begun.id, listed))
      seen.events.push(item);
    seen.returned.push(await client.conversations.update(begun.id, { metadata: {} }));
    seen.returned.push(await client.conversations.delete(begun.id));
  },
  async error_404_of_responses() {
    await client.responses.create({ model: 'gpt-no_such_model', input: 'Hello' });
  },
  async error_429_of_responses() {
    await client.responses.create({ model: 'gpt-rate_limited', input: 'Hello', stream: true });
  },
  async error_404_of_a_kept_response() {
    await client.responses.retrieve('resp_of_somebody_else');
  },
  async error_in_streamed_responses(seen) {
    const model = 'gpt-an_error_event_inside_a_stream';
    for await (const event of await client.responses.create({ model, input: 'Hello', stream: true }))
      seen.events.push(event);
    throw new Error('the stream ended');
  },
  async files(seen) {
    const expires_after = { anchor: 'created_at', seconds: 3600 };
    const made = await client.files.create({ file: await lines(), purpose: 'batch', expires_after });
    seen.returned.push(made);
    const listed = { purpose: 'batch', limit: 2, order: 'asc' };
    for await (const file of client.files.list(listed)) seen.events.push(file);
    seen.returned.push(await client.files.retrieve(made.id));
    const content = await client.files.content(made.id);
    const bytes = Buffer.from(await content.arrayBuffer()).toString('hex');
    seen.returned.push({ type: content.headers.get('content-type'), bytes });
    seen.returned.push(await client.files.delete(made.id));
  },
  async uploads(seen) {
    const data = await lines();
    const asked = { filename: data.name, bytes: data.size, mime_type: 'text/jsonl', purpose: 'batch' };
    const begun = await client.uploads.create(asked);
    seen.returned.push(begun);
    const part = await client.uploads.parts.create(begun.id, { data });
    seen.returned.push(part);
    seen.returned.push(await client.uploads.complete(begun.id, { part_ids: [part.id] }));
    seen.returned.push(await client.uploads.cancel(begun.id));
  },
  async batches(seen) {
    const file = await client.files.create({ file: await lines(), purpose: 'batch' });
    const asked = { input_file_id: file.id, endpoint: '/v1/responses', completion_window: '24h' };
    const made = await client.batches.create({ ...asked, metadata: { who: 'a program' } });
    seen.returned.push(made);
    seen.returned.push(await client.batches.retrieve(made.id));
    for await (const batch of client.batches.list({ limit: 2, after: 'batch_0' }))
      seen.events.push(batch);
    seen.returned.push(await client.batches.cancel(made.id));
    seen.returned.push(await (await client.files.content(made.output_file_id)).text());
  },
  async passed_through(seen) {
    // What has no surface of its own goes where its model is.
    const supervised = { hyperparameters: { n_epochs: 'auto' } };
    const method = { type: 'supervised', supervised };
    const asked = { model: 'scripted', training_file: 'file-1', seed: 7, suffix: '\u00e9', method };
    seen.returned.push(await client.fineTuning.jobs.create(asked));
  },
  async error_404_of_a_batch() {
    await client.batches.retrieve('batch_of_somebody_else');
  },
  async error_404_of_a_file() {
    await client.files.content('file-of-somebody-else');
  },
};

await main(CASES);
