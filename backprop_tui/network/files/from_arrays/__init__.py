"""Networks and weights from arrays that a person gives, and from files of them."""
