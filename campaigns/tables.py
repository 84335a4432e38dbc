"""Every table in one import: migrations and test databases start from here."""

from sqlmodel import SQLModel

from campaigns import models
from campaigns.accounts import models as accounts
from campaigns.agents import models as agents
from campaigns.agents import phone_models as phones
from campaigns.amd import models as amd
from campaigns.delivery import models as delivery
from campaigns.delivery.deliveries import models as deliveries
from campaigns.desk import models as desk
from campaigns.events import models as events
from campaigns.forms import models as forms
from campaigns.forms.editing import models as form_editing
from campaigns.law import models as law_changes
from campaigns.leads import models as leads
from campaigns.leads import part_models as call_parts
from campaigns.leads import preview_models as previews
from campaigns.lists import models as lists
from campaigns.pacing import models as pacing
from campaigns.portal import models as portal
from campaigns.quality import models as quality
from campaigns.recordings import models as recordings
from campaigns.registers import models as registers
from campaigns.reports import models as reports
from campaigns.saved_reports import models as saved_reports
from campaigns.scripts import models as scripts
from campaigns.setup import models as setup
from campaigns.supervising import models as supervising
from campaigns.sync import models as sync
from campaigns.tenancy import models as tenancy
from campaigns.wall import models as wall
from campaigns.webhooks import models as webhooks
from compliance import models as compliance

#: The modules whose import defines the tables.
MODULES = (
    *(tenancy, accounts, models, lists, leads, agents, previews, pacing),
    *(amd, forms, delivery, desk, scripts, phones, call_parts, form_editing, reports, compliance),
    *(law_changes, setup, wall, supervising, recordings, deliveries, quality, portal),
    *(events, webhooks, sync, registers, saved_reports),
)

metadata = SQLModel.metadata
