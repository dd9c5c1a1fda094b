
## What is true of the answers to a call that is over

over-published = The answers are published.
over-not-yet = The call has closed; its answers have not been published yet.

## The card, once there is one

card-another = Make me another card
