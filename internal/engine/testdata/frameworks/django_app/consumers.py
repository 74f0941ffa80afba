import os, json
from channels.generic.websocket import WebsocketConsumer, AsyncJsonWebsocketConsumer
class C(WebsocketConsumer):
    def receive(self, text_data=None, bytes_data=None):
        d = json.loads(text_data)
        os.system(d["m"])  # flow
class D(AsyncJsonWebsocketConsumer):
    async def receive_json(self, content):
        os.system(content["m"])  # flow
    async def connect(self):
        os.system(self.scope["url_route"]["kwargs"]["room"])  # flow
