"""The desktop of the person: notifications, and the browser that is brought to the front."""
