// A real identity provider (the one of `tests/people`), as a process of its own.
import { spawn } from 'node:child_process'
import { freePort, PYTHON } from './product.ts'
import { until } from './waiting.ts'

export type Provider = {
  issuer: string
  /** Say what it says of a user, who may then sign in there. */
  knows: (subject: string, claims: object) => Promise<void>
  stop: () => void
}

export async function startProvider(): Promise<Provider> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  const running = spawn(PYTHON, ['-m', 'oidc_provider_mock', '--port', String(port), '--host', 'localhost'], {
    env: { ...process.env, PYTHONWARNINGS: 'ignore' }, stdio: 'ignore',
  })
  const answers = async (): Promise<number | string> => {
    if (running.exitCode !== null) throw new Error(`the identity provider ended with ${running.exitCode}`)
    return fetch(`${issuer}/.well-known/openid-configuration`).then(({ status }) => status, String)
  }
  await until('the identity provider', answers, (status) => status === 200)
  return { issuer, knows: knowsAt(issuer), stop: () => void running.kill('SIGTERM') }
}

export const knowsAt = (issuer: string) => async (subject: string, claims: object): Promise<void> => {
  const answer = await fetch(`${issuer}/users/${subject}`, {
    method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(claims),
  })
  if (!answer.ok) throw new Error(`${subject}: ${answer.status} ${await answer.text()}`)
}
