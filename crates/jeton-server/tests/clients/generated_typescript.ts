// A client over the types that openapi-typescript made: it compiles, and signs somebody in.
import createClient from 'openapi-fetch'
import type { operations, paths } from './made.js'

declare const process: { env: Record<string, string> }
const client = createClient<paths>({ baseUrl: process.env['ISSUER'] })

const { data, error } = await client.POST('/login', { body: { username: 'Romel', password: 'pass1425' } })
if (!data) throw new Error(error.message)
const expires: number = data.expires_in
if (expires !== 900) throw new Error(`${expires} seconds`)

const headers = { authorization: `Bearer ${data.access_token}` }
const profile = await client.GET('/profile', { headers })
const name: string | undefined = profile.data?.username
if (name !== 'Romel') throw new Error(`${name}`)

const wrong = await client.POST('/login', { body: { username: 'Romel', password: 'another' } })
if (wrong.error?.error !== 'invalid_credentials') throw new Error('signed in')

export type Operations = keyof operations
