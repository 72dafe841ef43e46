// Links within the console, as text and as button. Their paths and parameters are checked by the router's types.
import { Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentPropsWithRef, ReactNode } from 'react'

type TextProps = ComponentPropsWithRef<'a'> & { size?: 'sm' }

/** It is written as the text around it, unless it has a size of its own. A plain element: a list has hundreds of them. */
const PlainText = ({ size, className, ...props }: TextProps): ReactNode => (
  <a className={className === undefined ? 'o-link' : `o-link ${className}`} data-size={size} {...props} />
)

/** `<TextLink to="/keys/$id" params={{ id }}>...</TextLink>`. */
export const TextLink = createLink(PlainText)

type PlainButtonProps = Omit<ButtonProps, 'href'> & Omit<ComponentPropsWithRef<'a'>, 'color'>

const PlainButton = (props: PlainButtonProps): ReactNode => <Button component="a" {...props} />

/** The same as a button. */
export const ButtonLink = createLink(PlainButton)
