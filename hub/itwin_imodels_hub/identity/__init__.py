"""Who a hub knows, and how they are let in: users, applications, and a small OpenID provider made with Authlib.

| module | what |
|---|---|
| `users` | users and what each comes with |
| `clients` | who may ask for tokens |
| `requests` | what a request says |
| `grants` | what tokens are given for |
| `server` | Authlib's server, on one transaction |
| `keys` | what ID tokens are signed with |
| `claims` | what is told of a user |
| `discovery` | what the provider says of itself |
| `pages` | what people see |
| `authorize`, `endpoints` | the provider over HTTP |
"""

from itwin_imodels_hub.identity.routes import identity_routes
from itwin_imodels_hub.identity.users import DEFAULT_USERS, NewUser, create_user, ensure_users, token_of

__all__ = ["DEFAULT_USERS", "NewUser", "create_user", "ensure_users", "identity_routes", "token_of"]
