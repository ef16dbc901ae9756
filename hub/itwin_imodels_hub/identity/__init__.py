"""Users, applications, and a small OpenID provider based on Authlib.

| module | contents |
|---|---|
| `users` | users and their initial data |
| `credentials` | their permanent tokens and secrets |
| `clients` | OAuth clients |
| `requests` | parsing of requests |
| `grants`, `device` | grant types |
| `revoking`, `ending` | token revocation and sign-out |
| `authorization_server` | the Authlib server for one transaction |
| `keys` | the signing key of ID tokens |
| `claims` | claims about users |
| `discovery` | provider metadata |
| `pages` | HTML pages |
| `authorize`, `device_page`, `endpoints` | HTTP endpoints |
"""

from itwin_imodels_hub.identity.credentials import Credentials
from itwin_imodels_hub.identity.routes import identity_routes
from itwin_imodels_hub.identity.users import DEFAULT_USERS, DEMO_USERS, NewUser

__all__ = ["DEFAULT_USERS", "DEMO_USERS", "Credentials", "NewUser", "identity_routes"]
