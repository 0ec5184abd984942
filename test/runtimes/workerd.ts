/** Runs the suite in a Worker of workerd: what is posted to it is the task, what it answers is what became of it. */
import * as sdk from '@octaspace/sdk';
import * as testing from '@octaspace/sdk/testing';
import * as zod from '@octaspace/sdk/zod';
import { watchRejections } from './rejections.ts';
import { runSuite } from './suite/index.ts';
import { answerAct } from './worker-requests.ts';

const rejections = watchRejections();

const worker = {
  async fetch(request: Request): Promise<Response> {
    const answer = await answerAct(request);
    if (answer !== undefined) return answer;
    const results = await runSuite({ sdk, testing, zod }, await request.json());
    return Response.json([...results, ...rejections]);
  },
};

export { worker as default };
