import { signIn } from './api-client.ts'
import { byId, h } from './dom.ts'
import { t } from './words.ts'

/** The form that asks for a token in place of the page. */
export function askForToken(signedIn: () => Promise<void>): void {
  const field = h('input', {
    type: 'password',
    autocomplete: 'current-password',
    required: true,
    'aria-label': t('token'),
  })
  const problem = h('p', { class: 'problem', role: 'alert' })
  byId('bar').replaceChildren(h('div', { class: 'brand' }, h('h1', {}, 'Faultline')))
  byId('page').replaceChildren(
    h(
      'form',
      {
        class: 'sign-in',
        submit: (event) => {
          event.preventDefault()
          signIn(field.value).then(signedIn, (error: unknown) => {
            problem.textContent = error instanceof Error ? error.message : String(error)
          })
        },
      },
      h('h2', {}, t('signIn')),
      h('p', { class: 'quiet' }, t('signInHint')),
      field,
      h('button', { type: 'submit', class: 'primary' }, t('signIn')),
      problem,
    ),
  )
}
