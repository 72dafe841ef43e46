// Links within the console, as text and as button. Their paths and parameters are checked by the router's types.
import { Anchor, type AnchorProps, Button, type ButtonProps } from '@mantine/core'
import { createLink } from '@tanstack/react-router'
import type { ComponentPropsWithRef, ReactNode } from 'react'

type TextProps = Omit<AnchorProps, 'href'> & ComponentPropsWithRef<'a'>

/** It is written as the text around it, unless it has a size of its own. */
const PlainText = (props: TextProps): ReactNode => <Anchor inherit={props.size === undefined} {...props} />

/** `<TextLink to="/keys/$id" params={{ id }}>...</TextLink>`. */
export const TextLink = createLink(PlainText)

type PlainButtonProps = Omit<ButtonProps, 'href'> & Omit<ComponentPropsWithRef<'a'>, 'color'>

const PlainButton = (props: PlainButtonProps): ReactNode => <Button component="a" {...props} />

/** The same as a button. */
export const ButtonLink = createLink(PlainButton)
