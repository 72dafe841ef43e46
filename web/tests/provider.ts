// A real identity provider (the one of `tests/people`), as a process of its own.
import { spawn } from 'node:child_process'
import { freePort, PYTHON } from './product.ts'

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
  const end = Date.now() + 30_000
  const answers = (): Promise<boolean> => fetch(`${issuer}/.well-known/openid-configuration`).then((answer) => answer.ok, () => false)
  while (!(await answers())) {
    if (running.exitCode !== null || Date.now() > end) throw new Error('the identity provider did not start')
    await new Promise((again) => setTimeout(again, 100))
  }
  return { issuer, knows: knowsAt(issuer), stop: () => void running.kill('SIGTERM') }
}

export const knowsAt = (issuer: string) => async (subject: string, claims: object): Promise<void> => {
  const answer = await fetch(`${issuer}/users/${subject}`, {
    method: 'PUT', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(claims),
  })
  if (!answer.ok) throw new Error(`${subject}: ${answer.status} ${await answer.text()}`)
}
