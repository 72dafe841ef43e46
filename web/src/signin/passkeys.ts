// Passkeys: what the browser makes of the server's options.

export const browserHasPasskeys = (): boolean => 'PublicKeyCredential' in window && 'parseRequestOptionsFromJSON' in PublicKeyCredential

/** Prove who one is by a passkey. null: the person stopped. */
export async function provePasskey(options: Record<string, unknown>): Promise<Record<string, unknown> | null> {
  // The server wrote the options in the form that the browser reads.
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options as unknown as PublicKeyCredentialRequestOptionsJSON)
  return jsonOf(await stoppable(() => navigator.credentials.get({ publicKey })))
}

/** Make a passkey. null: the person stopped. */
export async function makePasskey(options: Record<string, unknown>): Promise<Record<string, unknown> | null> {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options as unknown as PublicKeyCredentialCreationOptionsJSON)
  return jsonOf(await stoppable(() => navigator.credentials.create({ publicKey })))
}

async function stoppable(ask: () => Promise<Credential | null>): Promise<Credential | null> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError')) return null
    throw error
  }
}

function jsonOf(credential: Credential | null): Record<string, unknown> | null {
  return credential instanceof PublicKeyCredential ? { ...credential.toJSON() } : null
}
